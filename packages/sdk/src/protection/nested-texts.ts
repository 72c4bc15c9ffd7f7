import type { AttributeMap, AttributeValue } from '@botaudit/record';

/** A long text within a member of a body, such as a message's in an update. */
export interface NestedText {
  /** Where it stands, e.g. `body.update.message.text`. */
  readonly name: string;
  /** The member of the body that it is in, e.g. `body.update`. */
  readonly part: string;
  readonly value: string;
  /** Puts `kept` in its place, and says how many bytes of the record that saves. */
  replace(kept: string): number;
}

/**
 * Takes the containers of a body apart from whoever holds them, and finds the texts in them that are longer than
 * `characters`, the longest first.
 */
export function nestedTexts(body: AttributeMap, characters: number): NestedText[] {
  const found: NestedText[] = [];
  for (const key of Object.keys(body)) {
    const part = `body.${key}`;
    const copied = (value: AttributeValue, name: string): AttributeValue => {
      if (typeof value !== 'object') return value;
      const holder = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, AttributeValue>;
      for (const [inner, member] of Object.entries(holder)) {
        const place = `${name}.${inner}`;
        if (typeof member !== 'string') holder[inner] = copied(member, place);
        else if (member.length > characters) found.push(textAt(holder, inner, { name: place, part, value: member }));
      }
      return holder as AttributeValue;
    };
    body[key] = copied(body[key] as AttributeValue, part);
  }
  return found.sort((a, b) => b.value.length - a.value.length);
}

function textAt(
  holder: Record<string, AttributeValue>,
  key: string,
  text: Pick<NestedText, 'name' | 'part' | 'value'>,
): NestedText {
  return {
    ...text,
    replace(kept) {
      holder[key] = kept;
      return bytesOf(text.value) - bytesOf(kept);
    },
  };
}

/** What a text takes in a canonical record, which escapes as JSON does. */
function bytesOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
