import type { Cluster } from './cluster.js';

/** Name of what the mapping's `_meta` says of the templates that it was made from. */
export const META_NAME = 'botaudit';

interface MetaAnswer {
  readonly [index: string]: { readonly mappings?: { readonly _meta?: { readonly [META_NAME]?: unknown } } };
}

/**
 * What the mapping of a data stream's newest index says of the templates it was made from: nothing, where a stream does
 * not exist or was made without them.
 *
 * @throws {ClusterError}
 */
export async function mappingMeta(cluster: Cluster, stream: string): Promise<unknown> {
  // The second one is there in every index of a data stream, so that an index without the first is seen as well.
  const fields = [`*.mappings._meta.${META_NAME}`, '*.mappings._data_stream_timestamp'];
  const path = `/${stream}/_mapping?filter_path=${fields.join()}`;
  const { status, body } = await cluster.request('GET', path, undefined, [404]);
  if (status === 404) return undefined;
  const answer = body as MetaAnswer;
  // Backing indices are numbered, so that the newest one comes last.
  const newest = Object.keys(answer).sort().at(-1);
  return newest === undefined ? undefined : answer[newest]?.mappings?._meta?.[META_NAME];
}

/**
 * Whether a data stream was set up by us. Without our template Elasticsearch would make one by itself, with a mapping in
 * which records could not be found, or not be kept as they are.
 *
 * @throws {ClusterError}
 */
export async function hasOurMapping(cluster: Cluster, stream: string): Promise<boolean> {
  return (await mappingMeta(cluster, stream)) !== undefined;
}
