import { hostname } from 'node:os';
import { basename } from 'node:path';
import process from 'node:process';
import type { AttributeMap } from '@botaudit/record';
import {
  defaultResource,
  detectResources,
  osDetector,
  processDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import type { Config } from '../config/load-config.js';
import type { Protection } from '../protection/protection.js';

/** A resource must be whole when the stream's first record names it, so nothing here is asynchronous. */
const DETECTORS = [osDetector, processDetector];

/** The command line is no identity, and many a token is passed on it. */
const LEFT_OUT = ['process.command_args'];

/**
 * Which service emits the records of a stream, on which machine.
 *
 * @param streamId stands for the instance unless the configuration names one: a restart is another instance, and so is
 * each thread.
 */
export function detectResource(service: Config['service'], streamId: string, protection: Protection): Resource {
  const resource = defaultResource()
    .merge(detectResources({ detectors: DETECTORS }))
    .merge(
      resourceFromAttributes({
        // As the conventions have it, but the same however Node was called: it names an actor.
        'service.name': `unknown_service:${basename(process.execPath)}`,
        'host.name': hostname(),
        'service.instance.id': streamId,
        ...service.attributes,
        ...(service.name === undefined ? undefined : { 'service.name': service.name }),
      }),
    );
  const protectedAttributes: AttributeMap = {};
  protection.addTo(protectedAttributes, resource.attributes);
  for (const key of LEFT_OUT) delete protectedAttributes[key];
  // Strings, numbers, and lists of them: what a resource may hold.
  return resourceFromAttributes(protectedAttributes as Parameters<typeof resourceFromAttributes>[0]);
}

/** `service.name` of a resource. */
export function serviceNameOf(resource: Resource): string {
  return String(resource.attributes['service.name']);
}
