/** A saved object as Kibana exports and imports it. */
export interface SavedObject {
  readonly id: string;
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly Reference[];
  /** Up to which release the object needs no migration. */
  readonly coreMigrationVersion: string;
  readonly typeMigrationVersion: string;
  readonly managed: boolean;
}

/** How an object names another one. */
export interface Reference {
  readonly id: string;
  readonly name: string;
  readonly type: string;
}

/**
 * The shape that objects have had since these releases, by type: Kibana migrates what is older, and refuses what is newer
 * than itself.
 */
const MIGRATION_VERSIONS: Readonly<Record<string, string>> = {
  'index-pattern': '8.0.0',
  search: '8.0.0',
  lens: '8.9.0',
  dashboard: '8.9.0',
};

/** Makes an object; its `id` stays the same for ever, so that an import replaces what an older one brought. */
export function savedObject(
  type: string,
  id: string,
  attributes: SavedObject['attributes'],
  references: readonly Reference[] = [],
): SavedObject {
  const typeMigrationVersion = MIGRATION_VERSIONS[type];
  if (typeMigrationVersion === undefined) throw new TypeError(`no migration version of ${type}`);
  return { id, type, attributes, references, coreMigrationVersion: '8.8.0', typeMigrationVersion, managed: false };
}
