import { hostname } from 'node:os';
import { isMainThread, threadId } from 'node:worker_threads';
import type { Environment } from '@botaudit/config';
import {
  type ChosenDirectory,
  chooseDirectory,
  type Durability,
  isNetworkFileSystem,
  JournalWriter,
  type JournalWriterOptions,
  MemoryRing,
  type RetentionRules,
} from '@botaudit/journal';
import type { Resource } from '@opentelemetry/resources';
import type { Config } from '../config/load-config.js';
import { serviceNameOf } from './resource.js';

/** Where the records of a stream are kept. */
export interface JournalHome {
  readonly chosen: ChosenDirectory;
  /** Folder of the journal; `undefined` where records are kept in memory alone. */
  readonly directory: string | undefined;
  readonly durability: Durability;
  readonly writer: JournalWriter;
  /** Records that are gone because the memory they were kept in is full. */
  readonly overflow: number;
}

/** What a journal reports of itself; never while a line is being appended. */
type JournalNews = Pick<JournalWriterOptions, 'onLoss' | 'onUnsynced' | 'onRetention'>;

/** What is needed to find a place for a stream's records. */
export interface HomeOptions extends JournalNews {
  readonly config: Config;
  readonly env: Environment;
  readonly cwd: string;
}

/** Finds the folder, by the configuration or the first that can be written, and makes it. Never throws. */
export function findFolder({ config, env, cwd }: Pick<HomeOptions, 'config' | 'env' | 'cwd'>): ChosenDirectory {
  const { directory, groupRead } = config.journal;
  return chooseDirectory({ env: { ...env, BOTAUDIT_DIR: directory }, cwd, groupRead });
}

/** Opens the journal of a new stream in the folder that was found. */
export function openJournal(
  chosen: ChosenDirectory,
  { config, onLoss, onUnsynced, onRetention }: HomeOptions,
  streamId: string,
  resource: Resource,
): JournalHome {
  const { maxBytes, minFreeBytes, segmentMaxBytes, segmentMaxAgeMs, syncIntervalMs, compress, groupRead } =
    config.journal;
  if (chosen.kind === 'memory') return inMemory(chosen);
  const durability = config.journal.durability ?? (isNetworkFileSystem(chosen.path) ? 'memory' : 'process');
  const writer = JournalWriter.open({
    directory: chosen.path,
    streamId,
    info: {
      formatVersion: 1,
      streamId,
      pid: process.pid,
      threadId: isMainThread ? 0 : threadId,
      host: hostname(),
      startedAt: new Date().toISOString(),
      service: serviceNameOf(resource),
      resource: resource.attributes,
    },
    durability,
    syncIntervalMs,
    compress,
    segmentMaxBytes,
    segmentMaxAgeMs,
    limits: { maxBytes, minFreeBytes },
    retention: retentionRules(config),
    groupRead,
    onLoss,
    onUnsynced,
    onRetention,
  });
  return { chosen, directory: chosen.path, durability, writer, overflow: 0 };
}

function retentionRules({ journal: { ack, keepAcknowledgedMs, maxAgeMs }, endpoint }: Config): RetentionRules {
  return {
    acknowledgedOnly: ack === 'archive' || (ack === 'collector' && endpoint !== undefined),
    acknowledgedBy: ack === 'archive' ? 'archive' : 'receiver',
    keepAcknowledgedMs,
    maxAgeMs,
  };
}

function inMemory(chosen: ChosenDirectory): JournalHome {
  const ring = new MemoryRing();
  return {
    chosen,
    directory: undefined,
    durability: 'memory',
    writer: JournalWriter.inMemory(ring),
    get overflow() {
      return ring.dropped;
    },
  };
}
