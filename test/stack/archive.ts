import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A value of OTLP's JSON form. */
interface OtlpValue {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values?: readonly OtlpValue[] };
  readonly kvlistValue?: { readonly values?: readonly OtlpAttribute[] };
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}

/** A log record in OTLP's JSON form. */
export interface OtlpLogRecord {
  readonly timeUnixNano?: string;
  readonly observedTimeUnixNano?: string;
  readonly eventName?: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly body?: OtlpValue;
  readonly attributes?: readonly OtlpAttribute[];
}

/** An export request in OTLP's JSON form, as the archive holds one a line. */
export interface OtlpLogs {
  readonly resourceLogs?: readonly {
    readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
    readonly scopeLogs?: readonly {
      readonly scope?: { readonly name?: string };
      readonly logRecords?: readonly OtlpLogRecord[];
    }[];
  }[];
}

const START = '{"resourceLogs":';

/**
 * All records that a collector's archive holds, rotated files included. A collector that is killed can leave half a
 * line, to which the next start appends: such a line counts from its last beginning on.
 */
export async function readArchive(folder: string): Promise<OtlpLogRecord[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    // The archive comes into being with the first record.
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line !== '')
    .flatMap((line) => parse(line)?.resourceLogs ?? [])
    .flatMap(({ scopeLogs = [] }) => scopeLogs)
    .flatMap(({ logRecords = [] }) => logRecords);
}

function parse(line: string): OtlpLogs | undefined {
  for (let at = 0; at >= 0; at = line.indexOf(START, at + 1)) {
    try {
      return JSON.parse(line.slice(at));
    } catch {
      // Torn here: the rest may be whole.
    }
  }
  return undefined;
}

/** The text of one attribute of a record. */
export function attribute(record: OtlpLogRecord, key: string): string | undefined {
  return record.attributes?.find((one) => one.key === key)?.value.stringValue;
}
