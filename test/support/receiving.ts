/** The same indexer, which receives records, and so has an address for them. */
export function receiving<T extends { readonly url: string | undefined }>(indexer: T): T & { readonly url: string } {
  const { url } = indexer;
  if (url === undefined) throw new Error('the indexer does not receive records');
  return { ...indexer, url };
}
