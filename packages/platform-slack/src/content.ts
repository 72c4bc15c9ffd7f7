import { basename } from 'node:path';
import {
  type Body,
  describeText,
  ownKeys,
  read,
  readList,
  readSize,
  readText,
  type SaidFile,
  type SaidOption,
  said,
  sentFile,
  textsIn,
} from '@botaudit/instrumentation';
import { idOf, readId } from './ids.js';

const MAX_ACTIONS = 20;
const MAX_FILES = 20;
const MAX_FIELDS = 100;
const MAX_CHOSEN = 100;

/** Members that people read, at every depth of what is shown. */
const TEXTS: ReadonlySet<string> = new Set([
  ...['text', 'title', 'pretext', 'alt_text', 'value', 'topic', 'purpose', 'name', 'initial_comment', 'comment'],
  ...['status_text', 'description', 'markdown_text'],
]);
/** The same of a view or a message within other arguments. */
const SHOWN: ReadonlySet<string> = new Set(['text', 'title', 'pretext', 'alt_text']);

/** What was said by what Slack has sent to an app. */
export function bodyContent(body: unknown): Body {
  const event = read(body, 'event');
  if (event !== undefined) return eventContent(event);
  if (read(body, 'command') !== undefined) return said({ arguments: readText(body, 'text') });
  const actions = readList(body, ['actions'], MAX_ACTIONS);
  return said({
    text: readText(body, 'value') ?? messageText(read(body, 'message')),
    chosen: actions.flatMap(chosenBy),
    options: [...fieldsOf(read(body, 'view', 'state', 'values') ?? read(body, 'state', 'values')), ...submitted(body)],
  });
}

function eventContent(event: unknown): Body {
  // A message that was changed holds what it says now.
  const message = read(event, 'subtype') === 'message_changed' ? read(event, 'message') : event;
  const reaction = readText(event, 'reaction');
  return said({
    text: messageText(message),
    chosen: reaction === undefined ? [] : [reaction],
    options: namedIn(read(event, 'inputs')),
    files: readList(message, ['files'], MAX_FILES).map((file) => ({
      id: readId(file, 'id'),
      name: readText(file, 'name'),
      type: readText(file, 'mimetype'),
      size: readSize(file, 'size'),
    })),
  });
}

/** A message's own text holds that of its blocks, where it has one. */
function messageText(message: unknown): string | undefined {
  return readText(message, 'text') ?? textsIn(read(message, 'blocks'), SHOWN);
}

/** Members of an action, or of a field, by which it tells what was picked; the first that is there does. */
const PICKED = [
  ...['value', 'selected_option', 'selected_options', 'selected_user', 'selected_users', 'selected_channel'],
  ...['selected_channels', 'selected_conversation', 'selected_conversations', 'selected_date', 'selected_time'],
  ...['selected_date_time', 'rich_text_value', 'files'],
];

function chosenBy(action: unknown): readonly string[] {
  const key = PICKED.find((name) => (read(action, name) ?? undefined) !== undefined);
  const value = key === undefined ? undefined : read(action, key);
  const picked = Array.isArray(value) ? readList(value, [], MAX_CHOSEN) : [value];
  const texts = picked.map((one) => readText(one) ?? readText(one, 'value') ?? idOf(one) ?? textsIn(one, SHOWN));
  return texts.filter((text) => text !== undefined);
}

/** The fields of a form, by the block that each stands in. */
function fieldsOf(values: unknown): readonly SaidOption[] {
  return ownKeys(values)
    .slice(0, MAX_FIELDS)
    .flatMap((block) => {
      const fields = read(values, block);
      return ownKeys(fields)
        .slice(0, MAX_FIELDS)
        .map((name) => fieldOf(name, chosenBy(read(fields, name))));
    });
}

function fieldOf(name: string, values: readonly string[]): SaidOption {
  return { name, value: values.length > 1 ? values : values[0] };
}

/** The fields of a dialogue. */
function submitted(body: unknown): readonly SaidOption[] {
  return namedIn(read(body, 'submission'));
}

function namedIn(map: unknown): readonly SaidOption[] {
  const names = ownKeys(map).slice(0, MAX_FIELDS);
  return names.map((name) => ({ name, value: read(map, name) }));
}

/** What a bot says by a call, or by an answer: a text, or what holds one. */
export function callContent(args: unknown): Body {
  const text = readText(args);
  return said({ text: text ?? textsIn(args, TEXTS), files: text === undefined ? filesIn(args) : [] });
}

function filesIn(args: unknown): readonly SaidFile[] {
  const uploads = [args, ...readList(args, ['file_uploads'], MAX_FILES)];
  return uploads.map(fileIn).filter((file) => file !== undefined);
}

function fileIn(upload: unknown): SaidFile | undefined {
  const [file, content] = [read(upload, 'file'), read(upload, 'content')];
  // What is there already is told of by its id; what is read from a path, by the path's last part.
  const path = readText(file);
  const name = readText(upload, 'filename') ?? (path?.includes('/') ? basename(path) : undefined);
  if (path !== undefined) return { name, id: path.includes('/') ? undefined : path };
  if (typeof file === 'object' && file !== null) return sentFile(file, { name });
  return typeof content === 'string' && read(upload, 'filename') !== undefined
    ? { ...describeText(content), name }
    : undefined;
}

/** Codes that are exchanged for tokens. */
const CODES: ReadonlySet<string> = new Set(['code', 'code_verifier', 'refresh_token']);

/** All of a call's arguments but secrets that are known by their method alone, and the contents of files. */
export function wholeCall(method: string, args: unknown): unknown {
  if (/^(?:oauth|openid)\./.test(method)) return changed(args, (key, value) => (CODES.has(key) ? undefined : value));
  if (!method.startsWith('files.')) return args;
  const described = (upload: unknown): unknown =>
    changed(upload, (key, value) => (key === 'content' && typeof value === 'string' ? describeText(value) : value));
  const uploads = readList(args, ['file_uploads'], MAX_FILES);
  const whole = described(args);
  return uploads.length > 0 ? { ...(whole as object), file_uploads: uploads.map(described) } : whole;
}

function changed(map: unknown, change: (key: string, value: unknown) => unknown): unknown {
  return Object.fromEntries(ownKeys(map).map((key) => [key, change(key, read(map, key))]));
}
