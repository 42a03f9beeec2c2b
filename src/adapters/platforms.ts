import { consolePlatform } from './console/platform.ts';
import { discord } from './discord/platform.ts';
import { matrix } from './matrix/platform.ts';
import type { Platform } from './platform.ts';

/** Every chat platform that Lookout knows. A new one is a folder beside these and a line here. */
export const platforms: readonly Platform[] = [discord, matrix, consolePlatform];
