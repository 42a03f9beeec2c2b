import { createHash } from 'node:crypto';
import type { Message } from '../../render/message.ts';

/** Returns a hash that is equal for messages that look the same together, whatever platform and key they are for. */
export function hashOf(messages: readonly Message[]): string {
  return createHash('sha256').update(JSON.stringify(messages)).digest('base64url');
}
