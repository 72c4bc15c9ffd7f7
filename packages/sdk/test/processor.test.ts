import { hash } from 'node:crypto';
import { AuditUnavailableError } from '@botaudit/api';
import { JournalWriteError } from '@botaudit/journal';
import { Chain, parseRecord } from '@botaudit/record';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { beforeEach, describe, expect, it } from 'vitest';
import { StreamClock } from '../src/backend/clock.js';
import { type EmitOptions, Emitter } from '../src/backend/emitter.js';
import { AuditLogRecordProcessor } from '../src/backend/processor.js';
import { Protection } from '../src/protection/protection.js';
import { event } from './running-backend.js';

/** What was asked of the journal. */
let appended: { line: string; sync: boolean | undefined }[];
/** How the next append ends. */
let failure: JournalWriteError | undefined;
let emit: (options?: EmitOptions) => string;
/** How often it was told that a record is there. */
let told: number;

beforeEach(() => {
  appended = [];
  told = 0;
  failure = undefined;
  const sink = {
    append(line: string, options?: { readonly sync: boolean }) {
      const fails = failure;
      failure = undefined;
      if (!fails || fails.written) appended.push({ line, sync: options?.sync });
      if (fails) throw fails;
    },
  };
  const chain = new Chain('0b1f4c1e-5b1a-4f0e-9d4e-3a1b2c3d4e5f', (text) => hash('sha256', text));
  const provider = new LoggerProvider({ processors: [new AuditLogRecordProcessor(chain, sink, () => told++)] });
  const emitter = new Emitter(provider.getLogger('test'), new Protection(), new StreamClock());
  emit = (options) => emitter.emit(event({ trace: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) } }), options);
});

function expectChained(): void {
  expect(told).toBe(appended.length);
  appended.forEach(({ line }, index) => {
    const { attributes } = parseRecord(line);
    const before = appended[index - 1]?.line;
    expect(attributes['audit.sequence.number']).toBe(index + 1);
    expect(attributes['audit.sequence.previous_hash']).toBe(before === undefined ? undefined : hash('sha256', before));
  });
}

describe('a record', () => {
  it('that has to be on disk at once asks the journal for it; no other does', () => {
    emit();
    emit({ sync: true });
    emit();
    expect(appended.map(({ sync }) => sync)).toEqual([undefined, true, undefined]);
    const [usual, synced] = appended.map(({ line }) => parseRecord(line));
    expect(Object.keys(synced?.attributes ?? {}).length - 1).toBe(Object.keys(usual?.attributes ?? {}).length);
    expect(synced?.traceId).toBe(usual?.traceId);
    expectChained();
  });

  it('that could not be written is not there, and the next one takes its place', () => {
    emit();
    failure = new JournalWriteError('ENOSPC', '/journal', 'no space');
    expect(() => emit({ sync: true })).toThrow(AuditUnavailableError);
    emit();
    expect(appended).toHaveLength(2);
    expectChained();
  });

  it('that was written, and could not be synced, is refused and stands there: the next one follows from it', () => {
    emit();
    failure = JournalWriteError.unsynced(Object.assign(new Error('the disk fails'), { code: 'EIO' }), '/journal');
    expect(() => emit({ sync: true })).toThrow(AuditUnavailableError);
    emit();
    expect(appended).toHaveLength(3);
    expectChained();
  });
});
