// The expression that stands before a position, for completion and inspection.

const CHAIN = /(?:[\p{ID_Start}$_][\p{ID_Continue}$]*|\]|\))(?:\s*\??\.\s*[\p{ID_Start}$_#][\p{ID_Continue}$]*|\[(?:\d+|"[^"\\]*"|'[^'\\]*')\])*$/u;
const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Code points → UTF-16 index. */
export function index(code, position) {
  let at = 0;
  for (let n = 0; n < position && at < code.length; n++) at += code.codePointAt(at) > 0xffff ? 2 : 1;
  return at;
}

/** What is being typed at the end of `before`: the object (empty for a plain name) and the start of the member's name. */
export function typing(before) {
  const member = WORD.exec(before)?.[0] ?? '';
  const rest = before.slice(0, before.length - member.length);
  const dot = /\s*\??\.\s*$/.exec(rest);
  if (dot === null || /\d\s*\.\s*$/.test(rest)) return { object: '', member };
  return { object: chain(rest.slice(0, dot.index)) ?? '\0', member };
}

/** The chain of names around a position, up to the end of the word that it stands in. */
export function pointed(code, at) {
  const after = /^[\p{ID_Continue}$]*/u.exec(code.slice(at))[0];
  return chain(code.slice(0, at + after.length));
}

function chain(text) {
  const literal = /(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`$\\]*`|\[[^[\]]*\])$/.exec(text);
  const found = CHAIN.exec(text);
  if (found !== null && !/^[\])]/.test(found[0])) return found[0].replace(/\s+/g, '');
  return literal?.[0] ?? null;
}
