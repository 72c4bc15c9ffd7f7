import type { Argument, Option } from 'commander';

/** What a shell offers for a value: file or folder names, or these words. */
export type Suggestions = 'file' | 'folder' | readonly string[];

const SUGGESTIONS = new WeakMap<Argument | Option, Suggestions>();

/**
 * Says what a shell offers for the value of an option or argument, without refusing any other value as `choices`
 * would. Returns the option or argument.
 */
export function suggest<T extends Argument | Option>(value: T, suggestions: Suggestions): T {
  SUGGESTIONS.set(value, suggestions);
  return value;
}

/** What {@link suggest} said, else commander's own choices, else nothing. */
export function suggestionsFor(value: Argument | Option): Suggestions {
  return SUGGESTIONS.get(value) ?? value.argChoices ?? [];
}
