/** Imports both client libraries, and prints the memory of this process: `MB <number>`. */
import { REST } from 'discord.js';
import { createClient } from 'matrix-js-sdk';

createClient({ baseUrl: 'http://127.0.0.1' });
new REST();
console.log(`MB ${process.memoryUsage.rss() / 1024 / 1024}`);
