import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FoundLine, LineSplitter } from '../src/index.js';

const bytes = fc.uint8Array({ maxLength: 200 });

/** Bytes with many newlines, cut anywhere. */
const chunks = fc.array(
  fc.oneof(
    bytes,
    fc.string({ unit: fc.constantFrom('a', 'é', '€', '\n', '🤖') }).map((text) => new TextEncoder().encode(text)),
  ),
  { maxLength: 12 },
);

function split(parts: readonly Uint8Array[], maxLineBytes?: number): FoundLine[] {
  const splitter = new LineSplitter(0, maxLineBytes);
  const lines = parts.flatMap((part) => {
    // A caller uses its buffer again.
    const shared = Uint8Array.from(part);
    const found = splitter.push(shared);
    shared.fill(0x7e);
    return found;
  });
  const rest = splitter.end();
  return rest ? [...lines, rest] : lines;
}

describe('splitting into lines', () => {
  it('does not depend on where the bytes were cut', () => {
    fc.assert(
      fc.property(chunks, fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined }), (parts, max) => {
        const whole = Uint8Array.from(Buffer.concat(parts));
        expect(split(parts, max)).toEqual(split([whole], max));
        expect(
          split(
            [...whole].map((byte) => Uint8Array.of(byte)),
            max,
          ),
        ).toEqual(split([whole], max));
      }),
    );
  });

  it('covers every byte once, and leaves valid text as it was', () => {
    fc.assert(
      fc.property(chunks, (parts) => {
        const whole = Buffer.concat(parts);
        const lines = split(parts);
        let position = 0;
        for (const { offset, endOffset, terminated, text, sample } of lines) {
          expect(offset).toBe(position);
          position = endOffset;
          const content = whole.subarray(offset, terminated ? endOffset - 1 : endOffset);
          if (text === undefined) expect(content.subarray(0, 1024).equals(sample!)).toBe(true);
          else expect(Buffer.from(text).equals(content)).toBe(true);
        }
        expect(position).toBe(whole.length);
        expect(lines.slice(0, -1).every(({ terminated }) => terminated)).toBe(true);
      }),
    );
  });
});
