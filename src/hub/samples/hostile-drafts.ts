import type { Draft } from './drafts.ts';
import { sites } from './drafts.ts';

/** Puts ten combining marks on each letter, which overlap the lines above and below. */
const zalgo = (text: string) =>
  [...text].map((letter) => `${letter}\u0300\u0316\u0301\u0317\u0302\u0323\u0303\u0330\u033d\u0353`).join('');

/**
 * Texts that a spammer, or an attacker of the bot, can put into every field. They must be shown as text: without pings,
 * links, formatting, reordering or hidden parts.
 */
export const hostile: readonly Draft[] = [
  {
    // Markdown of both platforms, pings, a masked link, and a right-to-left override that turns "gpj.exe" round.
    site: sites.stackOverflow,
    kind: 'question',
    title:
      '@everyone @room **FREE** ~~$99~~ [stackoverflow.com](https://prize.example/?id=1) ||open|| photo_\u202egpj.exe',
    username: '<b>admin</b> @here',
    reputation: 1,
    body: '<p>@everyone <@&1> click <a href="https://prize.example">https://stackoverflow.com/help</a></p><img src="https://prize.example/pixel.gif">',
    why: 'Title - Position 1-9: @everyone\nBody - Blacklisted website: prize.example',
  },
  {
    // Control sequences that change a terminal's colours, title and links, and a line break that forges a second log
    // line.
    site: sites.superUser,
    kind: 'answer',
    title:
      'Terminal \u001b[31mRED\u001b[0m \u001b]0;owned\u0007\u001b]8;;https://prize.example\u0007click\u001b]8;;\u0007\r\nERROR fake line',
    username: 'bell\u0007\u0008\u0000ringer',
    reputation: 1,
    body: '<p>\u001b[2J\u001b[1;1H nothing to see here</p>',
    why: 'Body - Few unique characters\u2028Username - Control characters',
  },
  {
    // Template languages, and characters that open and close blocks in Markdown and HTML.
    site: sites.drupal,
    kind: 'question',
    title: `{{{object.body}}} {{#each object}}{{@key}}{{/each}} \${process.env.MATRIX_TOKEN} <%= key %> \`code\` \`\`\``,
    username: '{{constructor.constructor "return process"}}',
    reputation: 1,
    body: '<p>```\n> quote\n# heading\n---\n</p></code></pre></details><script>alert(1)</script><h1>big</h1>',
    why: 'Title - Pattern-matching: {{\n```\nWhy - closes a code block',
  },
  {
    // Mentions in the platforms' own syntax, zalgo, joiners, a lone surrogate, text of both directions.
    site: sites.puzzling,
    kind: 'answer',
    title: `<@123456789012345678> <#1> @mod:example.org #hq:example.org ${zalgo('HELP')} \u2066مرحبا\u2069 a\u200bb\u200d\ufeff \ud83d`,
    username: '\u202e\u202d\u2067evil\u2069',
    reputation: 1,
    body: '<p>www.prize.example mailto:boss@prize.example matrix:r/hq:example.org tg://resolve?domain=prize</p>',
    why: 'Title - Mostly non-Latin\nUsername - Directional override',
  },
  {
    // Addresses that look like a site of the network but are not.
    site: sites.askUbuntu,
    kind: 'question',
    title: 'https://stackoverflow.com.prize.example/login and javascript:alert(1) and //evil.example',
    username: 'https://metasmoke.prize.example',
    reputation: 1,
    body: '<p>data:text/html;base64,PHNjcmlwdD4= and [x](javascript:alert(1)) and <https://prize.example></p>',
    why: 'Title - URL in title',
    link: '//stackoverflow.com@prize.example/q/1',
    userLink: 'javascript:alert(document.domain)',
  },
  {
    // Texts too long for any room.
    site: sites.travel,
    kind: 'question',
    title: `${'BUY NOW '.repeat(30)}!!!`,
    username: 'a'.repeat(255),
    reputation: 1,
    body: `<p>${'Best price in town, visit prize.example today. '.repeat(2_000)}</p>`,
    why: `Body - ${'Repeated words: prize.example, '.repeat(200)}`,
  },
];
