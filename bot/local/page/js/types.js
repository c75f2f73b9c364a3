/**
 * Shapes of the API, for the editor and the type checker; nothing here runs.
 *
 * @typedef {{id: string, name: string, role: ?string, team: ?string, external: boolean}} Person
 * @typedef {{id: string, kind: "direct"|"group", title: string, user: ?string, members: Person[]}} Room
 * @typedef {{name: string, value: string}} Field
 * @typedef {{label: string, action: string, style: "default"|"primary"|"danger"}} Button
 * @typedef {{name: string, label: string, kind: "text"|"number"|"date"|"select",
 *            options: {value: string, label: string}[], value: string}} Input
 * @typedef {{title: string, severity: "info"|"success"|"warning"|"danger", fields: Field[], markdown: string,
 *            image: ?string, buttons: Button[], inputs: Input[], links: {label: string, url: string}[],
 *            state: "open"|"done", note: string}} Card
 * @typedef {{url: string, name: string, mime: string, size: number, kind: "voice"|"image"|"video"|"file"}} Upload
 * @typedef {{seq: number, id: string, chat: string, from: string, kind: "text"|"card"|"file", text: string,
 *            card: ?Card, file: ?Upload, at: string, rev: number,
 *            pending?: "sending"|"failed", why?: string, again?: () => void}} Message
 * @typedef {{demo: boolean, now: string, notice: string, max_upload_mb: number}} Installation
 */
export {};
