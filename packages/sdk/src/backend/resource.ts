import { hostname } from 'node:os';
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
  const { name, attributes } = service;
  const resource = defaultResource()
    .merge(detectResources({ detectors: DETECTORS }))
    .merge(resourceFromAttributes({ 'host.name': hostname(), 'service.instance.id': streamId, ...attributes }))
    .merge(resourceFromAttributes(name === undefined ? {} : { 'service.name': name }));
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
