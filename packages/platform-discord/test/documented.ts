import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const types = join(createRequire(import.meta.url).resolve('discord-api-types/v10'), '..');

/** Every route of the API, as its types document them: `PUT /guilds/{guild.id}/bans/{user.id}`. */
export function documentedRoutes(): string[] {
  const text = readFileSync(join(types, '_generated_/rest/v10/interfaces.d.ts'), 'utf8');
  const routes = text.slice(0, text.indexOf('interface CDNRoutesDeclarations'));
  const documented = routes.matchAll(/^\s*\*\s+-\s+(GET|POST|PUT|PATCH|DELETE)\s+`([^`]+)`/gm);
  return [...new Set([...documented].map(([, method, path]) => `${method} ${path}`))];
}

/** The same with something in the place of each placeholder. */
export function filledIn(route: string, value: (placeholder: string) => string): { method: string; fullRoute: string } {
  const [method = '', path = ''] = route.split(' ');
  return { method, fullRoute: path.replaceAll(/\$?\{([^}]*)\}/g, (_, placeholder: string) => value(placeholder)) };
}
