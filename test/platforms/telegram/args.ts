import { badRequest } from './errors.ts';

/**
 * The parameters of a call. A form carries them all as strings, JSON as they are, and the Bot API reads both alike: so
 * does this.
 */
export class Args {
  readonly values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.values = values;
  }

  has(name: string): boolean {
    const value = this.values[name];
    return value !== undefined && value !== null && value !== '';
  }

  /** A string; empty where the parameter is missing. */
  text(name: string): string {
    const value = this.values[name];
    if (typeof value === 'string') return value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  }

  /** A whole number; `undefined` where the parameter is missing or is none. */
  integer(name: string): number | undefined {
    const value = this.number(name);
    return value === undefined ? undefined : Math.trunc(value);
  }

  number(name: string): number | undefined {
    if (!this.has(name)) return undefined;
    const value = Number(this.values[name]);
    return Number.isFinite(value) ? value : undefined;
  }

  flag(name: string): boolean {
    const value = this.values[name];
    return value === true || value === 1 || (typeof value === 'string' && /^(?:true|yes|1)$/i.test(value));
  }

  /**
   * An object or array; `undefined` where the parameter is missing. What it holds is the caller's word.
   *
   * @throws {BotApiError} 400 when it is not JSON.
   */
  json<T>(name: string): T | undefined {
    if (!this.has(name)) return undefined;
    const value = this.values[name];
    const parsed = typeof value === 'string' ? parse(name, value) : value;
    if (typeof parsed !== 'object' || parsed === null) {
      throw badRequest(`object expected as ${spoken(name)}`);
    }
    return parsed as T;
  }
}

function parse(name: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw badRequest(`can't parse ${spoken(name)} JSON object`);
  }
}

function spoken(name: string): string {
  return name === 'reply_markup' ? 'reply keyboard markup' : name.replaceAll('_', ' ');
}
