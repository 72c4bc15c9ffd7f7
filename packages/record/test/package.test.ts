import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { expect, test } from 'vitest';

const dist = join(import.meta.dirname, '../dist');

test('the package imports nothing but itself', () => {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  expect(files).toContain('index.js');
  for (const file of files) {
    const text = readFileSync(join(dist, file), 'utf8');
    const imported = [...text.matchAll(/\b(?:from|import|require)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, name]) => name);
    expect(imported.filter((name) => !name?.startsWith('.'))).toEqual([]);
  }
});

test('the package runs where there is ECMAScript and TextDecoder, and nothing else', () => {
  const kept = [...vm.runInNewContext('Object.getOwnPropertyNames(globalThis)'), 'TextDecoder'];
  const script = `
    const print = console.log;
    const kept = new Set(${JSON.stringify(kept)});
    for (const name of Object.getOwnPropertyNames(globalThis)) if (!kept.has(name)) delete globalThis[name];
    const { createVerifier, sha256Hex, toPlain, verifyCheckpoints } = await import(${JSON.stringify(pathToFileURL(join(dist, 'index.js')))});
    const verifier = createVerifier();
    verifier.push({ stream: 'file', line: new Uint8Array([0x7b, 0x7d]), terminated: true });
    const { intact, findings } = verifier.finish();
    const refused = (options) => {
      try {
        return verifyCheckpoints([], { publicKey: 'a'.repeat(64), ...options }).valid;
      } catch (error) {
        return error.message;
      }
    };
    const globals = [typeof process, typeof Buffer, typeof crypto].join();
    print(JSON.stringify([globals, sha256Hex('abc'), toPlain({ a: new Uint8Array([1]) }), intact, findings[0].message,
      refused({}), refused({ verifySignature: () => true })]));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual([
    'undefined,undefined,undefined',
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    { a: 'AQ==' },
    false,
    'a line is not a record: EventName is not a string',
    'Nothing here verifies Ed25519 at once: pass verifySignature',
    true,
  ]);
});
