import * as v from 'valibot';

// What only the indexer's options are, in the form of the types of @botaudit/config.

function urlsOf(list: string): string[] {
  return list
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');
}

function isNode(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  // Credentials have options of their own, which are known to be secret.
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

/** Addresses of Elasticsearch's nodes, parted by commas. */
export const nodeUrls = v.pipe(
  v.string(),
  v.check((list) => urlsOf(list).length > 0 && urlsOf(list).every(isNode)),
  v.transform(urlsOf),
  v.metadata({
    type: 'URLs',
    allowed: 'addresses parted by commas that start with http:// or https:// and hold no user name or password',
    jsonSchema: { type: 'string', minLength: 1 },
  }),
);

/** The last part of a data stream's name. */
export const namespace = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9_][a-z0-9_.]{0,99}$/),
  v.metadata({
    type: 'text',
    allowed: 'up to 100 lower-case letters, digits, _ and .',
    jsonSchema: { type: 'string', pattern: '^[a-z0-9_][a-z0-9_.]{0,99}$' },
  }),
);
