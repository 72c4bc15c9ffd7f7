import { type StreamEntry, StreamReader } from '@botaudit/journal';
import { type AttributeMap, type AttributeValue, decodeRecord, toPlain } from '@botaudit/record';

const OPENED = 'audit.stream.opened';

/**
 * The attributes of the resource that a stream's records belong to. They stand in its opening record, in the body's
 * `resource`. Where that is gone, removed by retention or never written, `stream.json` has to do.
 */
export function streamResource({ directory, info }: Pick<StreamEntry, 'directory' | 'info'>): AttributeMap {
  const resource = openingResource(directory) ?? toPlain(info?.resource);
  if (isMap(resource)) return resource;
  return info ? { 'service.name': info.service } : {};
}

function openingResource(streamDirectory: string): AttributeValue | undefined {
  const reader = new StreamReader(streamDirectory);
  try {
    const [first] = reader.read(1);
    if (!first?.line.includes(OPENED)) return undefined;
    const { eventName, body } = decodeRecord(first.line);
    return eventName === OPENED ? body?.resource : undefined;
  } catch {
    // No record after all; sending it will say so.
    return undefined;
  } finally {
    reader.close();
  }
}

function isMap(value: AttributeValue | undefined): value is AttributeMap {
  return typeof value === 'object' && !Array.isArray(value);
}
