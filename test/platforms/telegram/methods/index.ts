import type { Handlers } from '../call.ts';
import type { Method } from '../types.ts';
import { accountMethods } from './accounts.ts';
import { chatMethods } from './chat.ts';
import { editMethods } from './edit.ts';
import { fileMethods } from './files.ts';
import { forwardMethods } from './forward.ts';
import { inviteMethods } from './invites.ts';
import { memberMethods } from './members.ts';
import { paymentMethods } from './payments.ts';
import { profileMethods } from './profile.ts';
import { queryMethods } from './queries.ts';
import { reactionMethods } from './reactions.ts';
import { mediaMethods } from './send-media.ts';
import { textMethods } from './send-text.ts';
import { topicMethods } from './topics.ts';
import { updateMethods } from './updates.ts';

/** Every method of the Bot API. That none is missing is checked by the compiler. */
export const METHODS: Handlers = {
  ...accountMethods,
  ...chatMethods,
  ...editMethods,
  ...fileMethods,
  ...forwardMethods,
  ...inviteMethods,
  ...memberMethods,
  ...paymentMethods,
  ...profileMethods,
  ...queryMethods,
  ...reactionMethods,
  ...mediaMethods,
  ...textMethods,
  ...topicMethods,
  ...updateMethods,
};

const NAMES = new Map(Object.keys(METHODS).map((name) => [name.toLowerCase(), name as Method]));

/** The method of this name; names are not case-sensitive. */
export function methodNamed(name: string): Method | undefined {
  return NAMES.get(name.toLowerCase());
}
