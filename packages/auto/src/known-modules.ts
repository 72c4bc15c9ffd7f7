import { fileURLToPath } from 'node:url';

/** Frameworks that are audited, by the file in `frameworks` that knows how; as they are called to people. */
const TITLES = {
  grammy: 'grammY',
  telegraf: 'Telegraf',
  discordjs: 'discord.js',
  'slack-bolt': 'Bolt for Slack',
  mcp: 'MCP',
} as const;

export type Framework = keyof typeof TITLES;

/** Frameworks that are audited. */
export const FRAMEWORKS = Object.keys(TITLES) as Framework[];

/** What frameworks are audited, for a reader. */
export const FRAMEWORK_NAMES = Object.values(TITLES).join(', ');

/** Modules that auditing begins with, and the framework that each is of. */
const MODULES = {
  grammy: 'grammy',
  '@grammyjs/runner': 'grammy',
  telegraf: 'telegraf',
  'discord.js': 'discordjs',
  '@discordjs/rest': 'discordjs',
  '@slack/bolt': 'slack-bolt',
  '@slack/web-api': 'slack-bolt',
  '@modelcontextprotocol/sdk': 'mcp',
} as const satisfies Readonly<Record<string, Framework>>;

/** A module that auditing begins with, as it is imported. */
export type ModuleName = keyof typeof MODULES;

/** The framework that a module is of. */
export function frameworkOf(module: ModuleName): Framework {
  return MODULES[module];
}

const ENTRIES = Object.entries(MODULES);

/** The package by which an application records events of its own. */
const API = '@botaudit/api';

/** A module of a framework. */
export interface KnownFramework {
  readonly kind: 'framework';
  readonly framework: Framework;
  readonly name: string;
  /** Where its `package.json` is. */
  readonly folder: string;
}

/** A module that is of interest. */
export type KnownModule = { readonly kind: 'api' } | KnownFramework;

/**
 * What a module is to auditing, by what it is asked for as and where it was found. Runs for every module that an
 * application loads.
 */
export function knownModule(specifier: string, url: string): KnownModule | undefined {
  const framework = url.startsWith('file:') ? frameworkIn(url) : undefined;
  if (framework) return framework;
  return specifier === API ? { kind: 'api' } : undefined;
}

/** The innermost module of a framework that a file is in: frameworks bring parts of their own along. */
function frameworkIn(url: string): KnownFramework | undefined {
  let [innermost, at]: [(typeof ENTRIES)[number] | undefined, number] = [undefined, -1];
  for (const entry of ENTRIES) {
    const found = url.lastIndexOf(`/node_modules/${entry[0]}/`);
    if (found > at) [innermost, at] = [entry, found];
  }
  if (!innermost) return undefined;
  const [name, framework] = innermost;
  const folder = url.slice(0, at + `/node_modules/${name}`.length);
  return { kind: 'framework', framework, name, folder: fileURLToPath(folder) };
}
