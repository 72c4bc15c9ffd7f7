/** What an expression selects. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
}

/** In this order: what may hold the others comes first. */
const TOKEN =
  /"(?:[^"\\]|\\.)*"|#.*|\[[^\]]*\]|\{(?:"(?:[^"\\]|\\.)*"|[^"}])*\}|\d[\w.]*|[a-zA-Z_:][\w:]*|[()]|[^\s"#[{\d\w:()]+/g;
const MATCHER = /(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g;

/** Words after which there are labels in brackets. */
const GROUPINGS = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'atan2']);

/** The series that an expression in PromQL selects, by name. */
export function selectorsOf(expression: string): Selector[] {
  const tokens: readonly string[] = expression.match(TOKEN) ?? [];
  const selectors: Selector[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const [token = '', next = ''] = tokens.slice(at, at + 2);
    if (GROUPINGS.has(token)) {
      if (next === '(') at = tokens.indexOf(')', at);
    } else if (/^[a-zA-Z_:]/.test(token) && next !== '(' && !WORDS.has(token) && !GROUPINGS.has(next)) {
      const matchers = next.startsWith('{') ? [...next.matchAll(MATCHER)] : [];
      selectors.push({
        metric: token,
        matchers: matchers.map(([, label = '', operator = '', value = '']) => ({ label, operator, value })),
      });
    }
  }
  return selectors;
}
