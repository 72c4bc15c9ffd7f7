/** The one global beyond ECMAScript that this package cannot do without; every runtime has it. */
declare const TextDecoder: new (
  label: 'utf-8',
  options: { fatal: true; ignoreBOM: true },
) => { decode(bytes: Uint8Array): string };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text that `bytes` encode, a byte order mark included; `undefined` where they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** How many bytes `text` takes in UTF-8; half of a surrogate pair counts as the replacement character, three bytes. */
export function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) length += characterLength(character.codePointAt(0)!);
  return length;
}

/** The bytes of `text` in UTF-8, with the replacement character for half of a surrogate pair. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  let at = 0;
  for (const character of text.toWellFormed()) {
    const code = character.codePointAt(0)!;
    const length = characterLength(code);
    if (length === 1) bytes[at++] = code;
    else {
      bytes[at++] = LEAD[length]! | (code >> (6 * (length - 1)));
      for (let shift = 6 * (length - 2); shift >= 0; shift -= 6) bytes[at++] = 0x80 | ((code >> shift) & 0x3f);
    }
  }
  return bytes;
}

/** The bits that open a character of two, three and four bytes. */
const LEAD = [0, 0, 0xc0, 0xe0, 0xf0];

function characterLength(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}
