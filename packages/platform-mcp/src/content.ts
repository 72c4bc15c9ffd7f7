import {
  type Body,
  describeBase64,
  describeFile,
  ownKeys,
  read,
  readList,
  readText,
  said,
  textsIn,
} from '@botaudit/instrumentation';
import { type AttributeMap, type AttributeValue, toPlain } from '@botaudit/record';

/** Members of results, and of what is asked of people, that are read. */
const TEXTS: ReadonlySet<string> = new Set(['text', 'message']);
const MAX_MESSAGES = 100;
const MAX_FIELDS = 100;

/** What a request says, by its method; named as the conventions for generative AI have it, where they do. */
const REQUESTS: Readonly<Record<string, (params: unknown) => Body>> = {
  'tools/call': (params) => present({ 'gen_ai.tool.call.arguments': withoutFiles(read(params, 'arguments')) }),
  'prompts/get': (params) => said({ options: fieldsOf(read(params, 'arguments')) }),
  'sampling/createMessage': (params) =>
    present({
      'gen_ai.system_instructions': partsOf(readText(params, 'systemPrompt')),
      'gen_ai.input.messages': readList(params, ['messages'], MAX_MESSAGES).map(messageOf),
    }),
  'elicitation/create': (params) => said({ text: readText(params, 'message') }),
};

/** What its answer says. */
const ANSWERS: Readonly<Record<string, (result: unknown) => Body>> = {
  'tools/call': (result) =>
    present({
      'gen_ai.tool.call.result': withoutFiles(read(result, 'structuredContent') ?? read(result, 'content')),
    }),
  'prompts/get': (result) => said({ text: textsIn(read(result, 'messages'), TEXTS) }),
  'sampling/createMessage': (result) => present({ 'gen_ai.output.messages': [messageOf(result)] }),
  'elicitation/create': (result) => said({ options: fieldsOf(read(result, 'content')) }),
};

export function requestContent(method: string, params: unknown): Body | undefined {
  return Object.hasOwn(REQUESTS, method) ? REQUESTS[method]?.(params) : undefined;
}

export function answerContent(method: string, result: unknown): Body | undefined {
  return Object.hasOwn(ANSWERS, method) ? ANSWERS[method]?.(result) : undefined;
}

/** What stands for a file that a message holds as base64: an image, a sound, a resource. */
export function describeParts(part: string | object): AttributeMap | undefined {
  if (typeof part === 'string') return undefined;
  const key = ['data', 'blob'].find((name) => typeof read(part, name) === 'string');
  if (key === undefined || readText(part, 'mimeType') === undefined) return undefined;
  const { [key]: content, ...rest } = toPlain({ ...part }) as AttributeMap;
  return { ...rest, [key]: describeBase64(String(content)) };
}

function withoutFiles(value: unknown): AttributeValue | undefined {
  return toPlain(value, undefined, (part) => describeParts(part) ?? describeFile(part));
}

function fieldsOf(map: unknown): readonly { readonly name: string; readonly value: unknown }[] {
  const names = ownKeys(map).slice(0, MAX_FIELDS);
  return names.map((name) => ({ name, value: withoutFiles(read(map, name)) }));
}

/** A message as the conventions have it: `{role, parts: [{type: 'text', content}]}`. */
function messageOf(message: unknown): AttributeMap {
  const content = read(message, 'content');
  const parts = Array.isArray(content) ? readList(content, [], MAX_MESSAGES) : [content];
  return {
    role: readText(message, 'role') ?? 'user',
    parts: parts.flatMap((part) => {
      const text = readText(part, 'text');
      const other = withoutFiles(part);
      return text === undefined ? (other === undefined ? [] : [other]) : (partsOf(text) ?? []);
    }),
  };
}

function partsOf(text: string | undefined): AttributeMap[] | undefined {
  return text === undefined ? undefined : [{ type: 'text', content: text }];
}

function present(body: Body): Body {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
