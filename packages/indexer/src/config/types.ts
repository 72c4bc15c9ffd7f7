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

const BROKER = /^(\[[0-9a-fA-F:.]+\]|[0-9A-Za-z_.-]+):(\d{1,5})$/;

function brokersOf(list: string): string[] {
  return list
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
}

/** Addresses of Kafka's brokers, parted by commas. */
export const brokerList = v.pipe(
  v.string(),
  v.check((list) => {
    const brokers = brokersOf(list);
    return brokers.length > 0 && brokers.every((broker) => Number(BROKER.exec(broker)?.[2] ?? 65_536) < 65_536);
  }),
  v.transform(brokersOf),
  v.metadata({
    type: 'host:port list',
    allowed: 'host:port parted by commas, such as kafka-1.example:9092,kafka-2.example:9092',
    jsonSchema: { type: 'string', minLength: 1 },
  }),
);

/** The name of a topic. */
export const topicName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9._-]{1,249}$/),
  v.metadata({
    type: 'text',
    allowed: 'up to 249 letters, digits, ., _ and -',
    jsonSchema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,249}$' },
  }),
);

/** The name of a consumer group. */
export const groupName = v.pipe(
  v.string(),
  v.regex(/^\S{1,249}$/),
  v.metadata({
    type: 'text',
    allowed: 'up to 249 characters without white space',
    jsonSchema: { type: 'string', pattern: '^\\S{1,249}$' },
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
