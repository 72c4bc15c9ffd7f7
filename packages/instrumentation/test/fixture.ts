import { registerBackend, unregisterBackend } from '@botaudit/api';
import { afterEach, beforeEach } from 'vitest';
import { botScope } from '../src/bot-scope.js';
import type { InboundEvent } from '../src/inbound.js';
import type { OutboundAction } from '../src/outbound.js';
import { FakeBackend } from './fake-backend.js';

/** A fresh backend for every test of the file that calls this. */
export function useBackend(): { readonly current: FakeBackend } {
  const holder = { current: new FakeBackend() };
  beforeEach(() => {
    holder.current = new FakeBackend();
    registerBackend(holder.current);
  });
  afterEach(() => unregisterBackend());
  return holder;
}

export const bot = botScope('testframework', 'testplatform', 'testplatform:7');

export const command: InboundEvent = {
  name: 'bot.command',
  actor: { id: 'testplatform:42', type: 'user' },
  target: { id: 'testplatform:-100/5', type: 'message' },
  attributes: { 'bot.update.id': '1', 'bot.update.type': 'message', 'bot.chat.id': '-100', 'bot.command.name': '/ban' },
};

export const message: InboundEvent = { ...command, name: 'bot.message' };

export const send: OutboundAction = {
  name: 'bot.message.send',
  method: 'sendMessage',
  target: { id: 'testplatform:-100', type: 'chat' },
  attributes: { 'bot.chat.id': '-100' },
};

export const ban: OutboundAction = { ...send, name: 'bot.member.ban', method: 'banMember' };

export const refuse = (error: Error): Promise<never> => Promise.reject(error);

export const skip = (): Promise<unknown> => Promise.resolve('skipped');
