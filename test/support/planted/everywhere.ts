// Run before each test file. Looks for planted secrets in every byte that comes out of auditing: in each file of a
// test's folder before it is removed, in what is sent to any server of a test as OTLP or to Elasticsearch, and in metrics
// that are fetched. What processes print is looked through by those who start them.
import fs from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll } from 'vitest';
import { isAnythingPlanted, look, taken } from './planted.ts';

/**
 * Where secrets have to be, or what others write: what is configured, bots' own files, keys, certificates, the programs of
 * the stack, and the traces of the application's own tracing.
 */
const INPUT = /(?:\/traces\.jsonl|\.ya?ml|\.env|\.pem|\.key|\.crt|\.m?js|\.cjs|\.ts|\.tgz|\.lock)$|\/node_modules\//;
/** More is of no test that plants anything. */
const MOST_BYTES = 64 * 1024 * 1024;

function opened(path: string, bytes: Buffer): Buffer {
  if (path.endsWith('.gz')) return gunzipSync(bytes);
  return path.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes;
}

function lookThroughFile(path: string): void {
  try {
    if (INPUT.test(path) || fs.statSync(path).size > MOST_BYTES) return;
    look(relative(tmpdir(), path), opened(path, fs.readFileSync(path)));
  } catch {
    // Damaged on purpose, unreadable on purpose, or a socket.
  }
}

function lookThrough(folder: unknown): void {
  if (typeof folder !== 'string' || !folder.startsWith(tmpdir()) || !isAnythingPlanted()) return;
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    lookThroughFile(folder);
    return;
  }
  for (const entry of entries) if (entry.isFile()) lookThroughFile(join(entry.parentPath, entry.name));
}

const { rmSync } = fs;
const { rm } = fs.promises;
fs.rmSync = (path, ...options) => {
  lookThrough(path);
  rmSync(path, ...options);
};
fs.promises.rm = (path, ...options) => {
  lookThrough(path);
  return rm(path, ...options);
};

/** What is sent to a collector, an indexer or Elasticsearch. Elsewhere secrets are sent because they have to be. */
const TO_SINKS = /^\/(?:v1\/(?:audit|logs)|(?:[^/?]+\/)?_bulk|(?:[^/?]+\/)?_create)\b/;

function lookThroughBody(request: IncomingMessage): void {
  const chunks: Buffer[] = [];
  const push = request.push;
  request.push = (chunk: unknown, ...rest) => {
    if (Buffer.isBuffer(chunk)) chunks.push(Buffer.from(chunk));
    else if (chunk === null) {
      const body = Buffer.concat(chunks);
      try {
        look(`sent to ${request.url}`, request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
      } catch {
        // Cut off, or damaged on purpose.
      }
    }
    return push.call(request, chunk, ...rest);
  };
}

const { emit } = http.Server.prototype;
http.Server.prototype.emit = function (this: http.Server, name: string | symbol, ...args: unknown[]) {
  const [request] = args as [IncomingMessage?];
  if (name === 'request' && request && TO_SINKS.test(request.url ?? '')) lookThroughBody(request);
  return Reflect.apply(emit, this, [name, ...args]);
};

const { fetch } = globalThis;
globalThis.fetch = async (...args) => {
  const response = await fetch(...args);
  const { pathname } = new URL(args[0] instanceof Request ? args[0].url : String(args[0]));
  if (pathname === '/metrics' && isAnythingPlanted()) look('metrics', await response.clone().text());
  return response;
};

syncBuiltinESMExports();

afterAll(() => {
  const { leaks, ...figures } = taken();
  const report = process.env.PLANTED_SECRETS_REPORT;
  if (report !== undefined && figures.planted > 0) fs.appendFileSync(report, `${JSON.stringify(figures)}\n`);
  if (leaks.length > 0) throw new Error(`Planted secrets have come out:\n${leaks.slice(0, 20).join('\n')}`);
});
