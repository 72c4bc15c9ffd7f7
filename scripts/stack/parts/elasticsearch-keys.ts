import { StackError, type Superuser } from '../part.ts';

/**
 * Makes a key that may do what a role may.
 *
 * @returns the key as it is shown: in base64.
 * @throws {StackError} when there is no such role, or Elasticsearch refuses.
 */
export async function createApiKey(elasticsearch: Superuser, role: string): Promise<string> {
  const roles = (await (await elasticsearch.request('GET', `/_security/role/${role}`)).json()) as Record<
    string,
    { readonly cluster: unknown; readonly indices: unknown }
  >;
  const { cluster, indices } = roles[role] ?? {};
  const body = { name: role, role_descriptors: { [role]: { cluster, indices } } };
  const answer = await elasticsearch.request('POST', '/_security/api_key', body);
  if (!answer.ok) throw new StackError(`There is no key for the role ${role}: ${await answer.text()}`);
  return ((await answer.json()) as { encoded: string }).encoded;
}
