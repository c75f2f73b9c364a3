/** Things to try: three on the first page, a few above the composer. Only those whose people are there. */

/** @typedef {import("./types.js").Person} Person */
/** @typedef {{title: string, about: string, steps: string, hash: string, draft?: string, advance?: string}} Tryout */

const NOTE = "刚和华昌电子王总通完电话，价格他觉得偏高，答应周五之前发新报价";
const QUESTION = "这款价格多少？能寄样品吗";
const GROUP = "g_huachang";

/**
 * @param {Person[]} users
 * @param {boolean} demo
 * @returns {Tryout[]}
 */
export function tryouts(users, demo) {
  const rep = users.find((user) => user.id === "wang") ?? users.find((user) => user.role === "rep");
  const manager = users.find((user) => user.id === "chen") ?? users.find((user) => user.role === "manager");
  const customer = users.find((user) => user.id === "ext_zhang");
  /** @type {(Tryout|false|undefined)[]} */
  const all = [
    rep && {
      title: "说一句，变成待办",
      about: `“${NOTE}”`,
      steps: `以${rep.name}（销售）的身份发给助手，几秒后看到客户、要点和待办`,
      hash: `#/${rep.id}/${rep.id}`,
      draft: NOTE,
    },
    customer && {
      title: "客户一问，抓住热线索",
      about: `“${QUESTION}”`,
      steps: `以客户${customer.name}的身份在群里问，最快的销售马上收到抢单卡片`,
      hash: `#/${customer.id}/${GROUP}`,
      draft: QUESTION,
    },
    manager && demo && {
      title: "时间走一天，看谁逾期",
      about: "跟进没按时做，主管会收到卡片",
      steps: `切换到${manager.name}（主管），演示时间往前走 1 天`,
      hash: `#/${manager.id}/${manager.id}`,
      advance: "P1D",
    },
  ];
  return /** @type {Tryout[]} */ (all.filter(Boolean));
}

/**
 * @param {Person} person
 * @param {"direct"|"group"} kind
 * @returns {string[]} what this person might say here
 */
export function phrases(person, kind) {
  if (person.external) return [QUESTION, "合同什么时候可以签？", "收到，谢谢"];
  if (kind === "group") return ["张工您好，稍后把报价发给您", "样品今天寄出，72 小时内到"];
  if (person.role === "rep") return [NOTE, "明天下午三点提醒我给华昌电子发合同", "/todo", "/help"];
  return ["/todo", "/forecast", "/help"];
}
