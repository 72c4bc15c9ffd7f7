const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 of the standard alphabet, padded (RFC 4648, section 4): what runs in Node and in browsers alike. */
export function base64(bytes: Uint8Array): string {
  const digit = (value: number): string => ALPHABET.charAt(value & 63);
  const whole = bytes.length - (bytes.length % 3);
  let text = '';
  for (let i = 0; i < whole; i += 3) {
    const group = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    text += digit(group >> 18) + digit(group >> 12) + digit(group >> 6) + digit(group);
  }
  if (bytes.length - whole === 1) {
    const group = bytes[whole]!;
    return `${text}${digit(group >> 2)}${digit(group << 4)}==`;
  }
  if (bytes.length - whole === 2) {
    const group = (bytes[whole]! << 8) | bytes[whole + 1]!;
    return `${text}${digit(group >> 10)}${digit(group >> 4)}${digit(group << 2)}=`;
  }
  return text;
}

const PADDED = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The bytes that `text` encodes in the same alphabet; `undefined` for anything that {@link base64} would not have made of
 * them: each sequence of bytes has one spelling, so that nobody can change a text and leave what it means.
 */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!PADDED.test(text)) return undefined;
  const digits = text.replace(/=+$/, '');
  const bytes = new Uint8Array((digits.length * 3) >> 2);
  let bits = 0;
  let waiting = 0;
  let at = 0;
  for (const digit of digits) {
    bits = ((bits << 6) | ALPHABET.indexOf(digit)) & 0xffff;
    waiting += 6;
    if (waiting < 8) continue;
    waiting -= 8;
    bytes[at++] = bits >> waiting;
  }
  return base64(bytes) === text ? bytes : undefined;
}
