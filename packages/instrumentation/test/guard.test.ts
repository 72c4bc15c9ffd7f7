import { AuditUnavailableError, registerBackend, unregisterBackend } from '@botaudit/api';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let said: string;
beforeEach(() => {
  said = '';
  vi.resetModules();
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  unregisterBackend();
});

/** A fresh copy, which has told nothing yet. */
const currentBackend = async () => (await import('../src/guard.js')).currentBackend();

test('where the backend that was registered can not be started, the bot runs on, and that is said once', async () => {
  registerBackend(() => {
    throw new TypeError('The configuration is wrong.');
  });
  expect(await currentBackend()).toBeUndefined();
  expect(await currentBackend()).toBeUndefined();
  expect(said).toBe('botaudit: auditing could not be started, NOTHING IS AUDITED: The configuration is wrong.\n');
});

test('nothing is said where that was said, or where none is registered', async () => {
  expect(await currentBackend()).toBeUndefined();
  registerBackend(() => {
    throw new AuditUnavailableError('Auditing could not be started');
  });
  expect(await currentBackend()).toBeUndefined();
  expect(said).toBe('');
});
