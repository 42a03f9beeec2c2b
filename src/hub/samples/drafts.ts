/** The text of a post before SmokeDetector found it. All names are invented, all domains end in `.example`. */
export interface Draft {
  readonly site: Site;
  readonly kind: 'question' | 'answer';
  readonly title: string;
  readonly username: string;
  readonly reputation: number;
  readonly body: string;
  readonly why: string;
  /** Set only if the sample needs a different link. */
  readonly link?: string;
  readonly userLink?: string;
}

export interface Site {
  /** metasmoke's id of the site. */
  readonly id: number;
  readonly domain: string;
}

export const sites = {
  stackOverflow: { id: 1, domain: 'stackoverflow.com' },
  superUser: { id: 3, domain: 'superuser.com' },
  askUbuntu: { id: 5, domain: 'askubuntu.com' },
  travel: { id: 17, domain: 'travel.stackexchange.com' },
  cooking: { id: 29, domain: 'cooking.stackexchange.com' },
  drupal: { id: 41, domain: 'drupal.stackexchange.com' },
  fitness: { id: 66, domain: 'fitness.stackexchange.com' },
  puzzling: { id: 122, domain: 'puzzling.stackexchange.com' },
} as const satisfies Readonly<Record<string, Site>>;

/** Ordinary spam. */
export const spam: readonly Draft[] = [
  {
    site: sites.fitness,
    kind: 'question',
    title: 'KetoBloom Gummies Reviews 2026 – Shocking Side Effects Exposed! Must Read Before Buying',
    username: 'ketobloomofficial',
    reputation: 1,
    body: '<p>KetoBloom Gummies melt fat <strong>overnight</strong>. Order today: <a href="https://ketobloom.example/buy" rel="nofollow">https://ketobloom.example/buy</a></p>',
    why: 'Title - Position 1-9: KetoBloom, Position 11-17: Gummies\nBody - Bad keyword: melt fat\nUsername - Position 1-17: ketobloomofficial',
  },
  {
    site: sites.superUser,
    kind: 'answer',
    title: 'How do I reset the printer queue from the command line?',
    username: 'Printer Helpline',
    reputation: 1,
    body: '<p>Just call our toll free number <strong>+1-800-555-0199</strong>, our certified experts are there day and night for any printer.</p>',
    why: 'Body - Phone number: +1-800-555-0199\nUsername - Bad keyword: Helpline',
  },
  {
    site: sites.travel,
    kind: 'question',
    title: 'Cheap flights to anywhere, 90% off, today only',
    username: 'flyfast',
    reputation: 11,
    body: '<p>Compare all airlines at <a href="https://flyfast.example" rel="nofollow">flyfast</a> and never pay the full price again.</p>',
    why: 'Body - Link at end: flyfast.example\nTitle - Pattern-matching: 90% off',
  },
  {
    site: sites.stackOverflow,
    kind: 'answer',
    title: 'Segmentation fault when freeing a linked list in C',
    username: 'essay_master_42',
    reputation: 6,
    body: '<p>Nice question! I had the same trouble until my friends at <a href="https://essaymaster.example/order" rel="nofollow">this service</a> wrote my homework.</p>',
    why: 'Body - Blacklisted website: essaymaster.example\nUsername - Position 1-15: essay_master_42',
  },
  {
    site: sites.askUbuntu,
    kind: 'question',
    title: 'Recover stolen Bitcoin in 24 hours – trusted recovery expert',
    username: 'grateful_holder',
    reputation: 1,
    body: '<p>I lost everything, then a wizard at coinrescue.example got it all back. Write to him: rescue@coinrescue.example.</p>',
    why: 'Title - Position 1-22: Recover stolen Bitcoin\nBody - Email address: rescue@coinrescue.example',
  },
  {
    site: sites.drupal,
    kind: 'answer',
    title: 'Views: how to group results by taxonomy term?',
    username: 'seo agency lisbon',
    reputation: 1,
    body: '<p>Very informative post, thank you for sharing. Visit us: <a href="https://rank-first.example">best SEO company</a>.</p>',
    why: 'Body - Blacklisted website: rank-first.example\nUsername - Bad keyword: seo',
  },
];

/** Posts that look like spam to SmokeDetector but are not. */
export const innocent: readonly Draft[] = [
  {
    site: sites.cooking,
    kind: 'question',
    title: 'Does it matter which gummies I use as thickener for a jelly?',
    username: 'Ines Q.',
    reputation: 214,
    body: '<p>My recipe asks for gelatine, but all I have are gummies without sugar. Will they set?</p>',
    why: 'Title - Position 26-32: gummies',
  },
  {
    site: sites.stackOverflow,
    kind: 'question',
    title: 'Regex matches "casino" inside of "casinolike" & <br> tags, why?',
    username: 'marlo-dev',
    reputation: 4_380,
    body: '<pre><code>if (a &lt; b &amp;&amp; /casino/.test(text)) { … }</code></pre><p>Why does this match?</p>',
    why: 'Title - Bad keyword: casino',
  },
  {
    site: sites.puzzling,
    kind: 'answer',
    title: 'What connects these five phone numbers?',
    username: 'Quipu',
    reputation: 1_902,
    body: '<p>They are all of the form 555-01xx, so none of them ever rings.</p>',
    why: 'Body - Phone number: 555-0142',
  },
];
