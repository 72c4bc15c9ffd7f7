import {
  type Body,
  describeText,
  ownKeys,
  read,
  readId,
  readList,
  readSize,
  readText,
  type SaidFile,
  type SaidOption,
  said,
  sentFile,
  textsIn,
} from '@botaudit/instrumentation';
import { discordId, readSnowflake } from './ids.js';
import { givenOptions, isMenuOfIds, OPTIONS_OF_IDS } from './interactions.js';

/** Discord's limits are 10 files, 25 options and 5 rows of components; nobody's are higher. */
const MAX_FILES = 25;
const MAX_OPTIONS = 25;
const MAX_COMPONENTS = 40;
const MAX_DEPTH = 4;

/** `ApplicationCommandOptionType.Attachment`. */
const ATTACHMENT = 11;

/** Members that people read, at every depth of what is shown. */
const TEXTS: ReadonlySet<string> = new Set([
  ...['content', 'title', 'description', 'text', 'label', 'placeholder', 'name', 'value', 'topic', 'nick'],
]);

/** What was said by an event of the gateway. */
export function dispatchContent(type: string, payload: unknown): Body {
  if (type === 'INTERACTION_CREATE') return interactionContent(payload);
  const emoji = readText(payload, 'emoji', 'name');
  const answer = readId(payload, 'answer_id');
  return said({
    text: textOf(payload),
    chosen: [emoji, answer].filter((each) => each !== undefined),
    files: filesOf(readList(payload, ['attachments'], MAX_FILES)),
  });
}

/** What a message says: its text, and that of what is shown below it. */
function textOf(message: unknown): string | undefined {
  const shown = ['embeds', 'components', 'poll'].map((key) => textsIn(read(message, key), TEXTS));
  const texts = [readText(message, 'content'), ...shown].filter((text) => text !== undefined);
  return texts.length > 0 ? texts.join('\n') : undefined;
}

function filesOf(attachments: readonly unknown[]): readonly SaidFile[] {
  return attachments.map((file) => ({
    id: readSnowflake(file, 'id'),
    name: readText(file, 'filename'),
    type: readText(file, 'content_type'),
    size: readSize(file, 'size'),
  }));
}

function interactionContent(interaction: unknown): Body {
  const data = read(interaction, 'data');
  const options = [...givenOptions(data).map(optionOf), ...fieldsIn(read(data, 'components'))];
  const attached = read(data, 'resolved', 'attachments');
  const files = ownKeys(attached).slice(0, MAX_FILES);
  return said({
    options: options.filter((option) => option !== undefined),
    chosen: chosenIn(data),
    files: filesOf(files.map((id) => read(attached, id))),
  });
}

function optionOf(option: unknown): SaidOption | undefined {
  const name = readText(option, 'name');
  if (name === undefined) return undefined;
  const type = read(option, 'type');
  if (!OPTIONS_OF_IDS.includes(type)) return { name, value: read(option, 'value') };
  const id = readSnowflake(option, 'value');
  return id === undefined ? { name } : type === ATTACHMENT ? { name, value: id } : { name, id: discordId(id) };
}

/** Which button was pressed, or what was picked from a menu; ids stand there at every level. */
function chosenIn(data: unknown): readonly string[] {
  if (isMenuOfIds(data) || read(data, 'component_type') === undefined) return [];
  const values = readList(data, ['values'], MAX_OPTIONS).filter((value) => typeof value === 'string');
  const button = readText(data, 'custom_id');
  return values.length > 0 || button === undefined ? values : [button];
}

/** The fields of a form, wherever in its components they stand. */
function fieldsIn(components: unknown, depth = 0): readonly SaidOption[] {
  if (depth > MAX_DEPTH) return [];
  return readList(components, [], MAX_COMPONENTS).flatMap((component) => {
    const name = readText(component, 'custom_id');
    const value = read(component, 'value') ?? readList(component, ['values'], MAX_OPTIONS);
    const filled = name !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
    return [
      ...(filled ? [{ name, value }] : []),
      ...fieldsIn(read(component, 'components'), depth + 1),
      ...fieldsIn([read(component, 'component')], depth + 1),
    ];
  });
}

/** What a bot says by a request. */
export function requestContent(request: unknown): Body {
  return said({ text: textsIn(read(request, 'body'), TEXTS), files: sentFiles(request) });
}

/** All of a request but its address, which may hold a token, and the contents of its files. */
export function wholeRequest(request: unknown): unknown {
  const files = sentFiles(request);
  return {
    query: formOf(read(request, 'query')),
    body: formOf(read(request, 'body')),
    files: files.length > 0 ? files : undefined,
    reason: read(request, 'reason'),
  };
}

function sentFiles(request: unknown): readonly SaidFile[] {
  return readList(request, ['files'], MAX_FILES).map((file) => {
    const data = read(file, 'data');
    const known = { name: readText(file, 'name'), type: readText(file, 'contentType') };
    return typeof data === 'string' ? { ...describeText(data), ...known } : sentFile(data, known);
  });
}

/** A form as a URL holds it, where secrets in it are known by their names. */
function formOf(value: unknown): unknown {
  return value instanceof URLSearchParams ? `?${value}` : value;
}
