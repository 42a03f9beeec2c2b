/** A process that imported both client libraries, and says how much it then holds: `MB <number>`. */
import { REST } from 'discord.js';
import { createClient } from 'matrix-js-sdk';

createClient({ baseUrl: 'http://127.0.0.1' });
new REST();
console.log(`MB ${process.memoryUsage.rss() / 1024 / 1024}`);
