"""Understanding of what people say and write: pure functions of text, names and the present moment."""
