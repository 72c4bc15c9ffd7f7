import { afterEach, describe, expect, it, vi } from 'vitest';
import { activeBackend, record, registerBackend, unregisterBackend } from '../src/index.js';
import { fakeBackend } from './fake-backend.js';

afterEach(unregisterBackend);

describe('the backend slot', () => {
  it('is empty until a backend registers', () => {
    expect(activeBackend()).toBeUndefined();
  });

  it('starts a backend that was registered as a function once, and only when it is asked for', () => {
    const start = vi.fn(fakeBackend);
    registerBackend(start);
    expect(start).not.toHaveBeenCalled();
    expect(activeBackend()).toBe(activeBackend());
    expect(start).toHaveBeenCalledTimes(1);
  });

  it('keeps the first and refuses a second', () => {
    const first = fakeBackend();
    expect(registerBackend(first)).toBe(true);
    expect(registerBackend(fakeBackend())).toBe(false);
    expect(activeBackend()).toBe(first);
  });

  it('is shared by two copies of the package', async () => {
    const copy: typeof import('../src/index.js') = await import('../src/index.js?copy=2' as string);
    const backend = fakeBackend();
    copy.registerBackend(backend);
    expect(activeBackend()).toBe(backend);
  });

  it('says each time that the backend did not start, and tries it once; another one may take its place', () => {
    const start = vi.fn(() => {
      throw new Error('no disk');
    });
    registerBackend(start);
    expect(() => activeBackend()).toThrow('no disk');
    expect(() => activeBackend()).toThrow('no disk');
    expect(() => record({ name: 'payment.transfer', action: 'SEND', outcome: 'success' })).toThrow('no disk');
    expect(start).toHaveBeenCalledTimes(1);
    const other = fakeBackend();
    expect(registerBackend(other)).toBe(true);
    expect(activeBackend()).toBe(other);
  });
});
