/** What Elasticsearch adds to what it was sent. */
const ADDED: ReadonlySet<string> = new Set([
  'created_date',
  'created_date_millis',
  'modified_date',
  'modified_date_millis',
  'version',
  'transient_metadata',
]);

const MAX_SHOWN = 60;

/**
 * Where what Elasticsearch has differs from what is wanted: a line for each place. Numbers and booleans may have become
 * text, as Elasticsearch does with settings.
 */
export function differences(actual: unknown, wanted: unknown, path = ''): string[] {
  if (isMap(wanted) && isMap(actual)) {
    const names = new Set([...Object.keys(wanted), ...Object.keys(actual)]);
    return [...names].flatMap((name) => {
      const at = path === '' ? name : `${path}.${name}`;
      if (!Object.hasOwn(wanted, name))
        return isDefault(name, actual[name]) ? [] : [`${at}: ${show(actual[name])} → none`];
      return differences(actual[name], wanted[name], at);
    });
  }
  if (Array.isArray(wanted) && Array.isArray(actual) && wanted.length === actual.length) {
    return wanted.flatMap((item, index) => differences(actual[index], item, `${path}[${index}]`));
  }
  const same = !isMap(wanted) && !Array.isArray(wanted) && String(actual) === String(wanted);
  return same || (isMap(wanted) && isEmpty(wanted) && actual === undefined)
    ? []
    : [`${path}: ${show(actual)} → ${show(wanted)}`];
}

function isDefault(name: string, value: unknown): boolean {
  return ADDED.has(name) || value === false || isEmpty(value);
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  if (value === undefined) return 'none';
  const json = JSON.stringify(value);
  return json.length > MAX_SHOWN ? `${json.slice(0, MAX_SHOWN)}…` : json;
}
