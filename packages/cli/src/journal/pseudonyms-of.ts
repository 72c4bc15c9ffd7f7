import type { Config } from '@botaudit/sdk';
import { environmentFor } from '../environment-for.js';
import { Failure } from '../failure.js';
import { readKeyFile } from '../keys/key-files.js';
import { say } from '../stderr.js';
import type { Criteria } from './filter.js';
import type { JournalOptions } from './locate.js';

/** Where the keys of pseudonyms are. */
export interface PseudonymOptions extends JournalOptions {
  /** `--pseudonym-key` */
  readonly pseudonymKey?: readonly string[] | undefined;
}

/** Namespaces of ids: those of the platforms. An id without one may be of any. */
const NAMESPACES = 'telegram discord slack line teams github twitch irc xmpp whatsapp matrix mcp llm'.split(' ');

/**
 * Adds to the ids that are looked for the pseudonyms that they have, or had, by the keys that are given, else by the one
 * that is configured. A pattern (`telegram:*`) has none.
 *
 * @throws {Failure} when a key that was given is of no use.
 */
export async function withPseudonyms<C extends Criteria>(criteria: C, options: PseudonymOptions): Promise<C> {
  const ids = [criteria.actor, criteria.target, criteria.chat].flatMap((list) => list ?? []);
  if (ids.every((id) => id.includes('*'))) return criteria;
  const texts = await keyTexts(options);
  if (texts.length === 0) return criteria;
  const { PseudonymKeyError, Pseudonyms, parsePseudonymKeys } = await import('@botaudit/sdk/protection');
  const pseudonyms = texts.map(({ source, text }) => {
    try {
      return new Pseudonyms(parsePseudonymKeys(text));
    } catch (error) {
      if (error instanceof PseudonymKeyError) throw new Failure(`${source} ${error.message}`);
      throw error;
    }
  });
  const extended = (list: readonly string[] | undefined) =>
    list?.flatMap((id) => [
      id,
      ...(id.includes('*') ? [] : wholeIds(id)).flatMap((whole) => pseudonyms.flatMap((each) => each.everOf(whole))),
    ]);
  return {
    ...criteria,
    actor: extended(criteria.actor),
    target: extended(criteria.target),
    chat: extended(criteria.chat),
  };
}

function wholeIds(id: string): string[] {
  return id.includes(':') ? [id] : NAMESPACES.map((namespace) => `${namespace}:${id}`);
}

interface KeyText {
  /** Where it is from, for people. */
  readonly source: string;
  readonly text: string;
}

async function keyTexts(options: PseudonymOptions): Promise<KeyText[]> {
  if (options.pseudonymKey) return options.pseudonymKey.map((path) => ({ source: path, text: readKeyFile(path) }));
  const pseudonym = await configuredKey(options);
  if (pseudonym?.key !== undefined) return [{ source: 'BOTAUDIT_PSEUDONYM_KEY', text: pseudonym.key }];
  if (pseudonym?.keyFile === undefined) return [];
  try {
    return [{ source: pseudonym.keyFile, text: readKeyFile(pseudonym.keyFile) }];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // Whoever may not read it may still search by pseudonyms.
    say(`pseudonyms are not looked for: ${error.message}`);
    return [];
  }
}

async function configuredKey({ config }: JournalOptions): Promise<Config['protection']['pseudonym'] | undefined> {
  const { ConfigError, loadConfig } = await import('@botaudit/sdk');
  try {
    return loadConfig({ env: environmentFor({ config }) }).protection.pseudonym;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // The journal was found without it.
    say('pseudonyms are not looked for: the configuration is wrong; botaudit policy check says how');
    return undefined;
  }
}
