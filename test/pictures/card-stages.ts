import type { WireEvent } from '../e2e/support/rails-server.ts';
import { createPostLives } from '../support/post-lives.ts';

/** A moment in the life of a card that is worth showing. */
export interface Stage {
  readonly caption: string;
  /** The events since the stage before. */
  readonly events: readonly WireEvent[];
  /** Texts that appear on the card last: when they are there, everything before them is. */
  readonly brings: readonly string[];
}

/** Details that are not in the events but in metasmoke's API, in the format of its tables. */
export const cardDetails = {
  sites: [
    { id: 4, site_name: 'Physical Fitness', site_domain: 'fitness.stackexchange.com', site_logo: null },
    { id: 5, site_name: 'Seasoned Advice', site_domain: 'cooking.stackexchange.com', site_logo: null },
  ],
  reasons: [
    { id: 1, reason_name: 'bad keyword in title', weight: 91 },
    { id: 2, reason_name: 'blacklisted website in body', weight: 97 },
  ],
  /** By post. */
  reasonIds: { 612480: [1, 2], 612481: [1] } as Readonly<Record<number, readonly number[]>>,
};

/**
 * Returns the stages of a spam post, from its report to its end, and of another post that is not spam; both invented.
 *
 * @param startSeconds time of the first report, Unix seconds
 */
export function cardStages(startSeconds: number): readonly Stage[] {
  const lives = createPostLives(startSeconds);
  const spam = lives({
    id: 612_480,
    site_id: 4,
    title: 'KetoBloom Gummies Reviews 2026',
    link: '//fitness.stackexchange.com/questions/47113',
    username: 'ketobloomofficial',
    why: 'Title - Position 1-9: KetoBloom',
  });
  const question = lives({
    id: 612_481,
    site_id: 5,
    beganSeconds: 60,
    title: 'Does keto bread need more water?',
    link: '//cooking.stackexchange.com/questions/130214',
    username: 'Ines Q.',
    user_reputation: 214,
    why: 'Title - Position 6-9: keto',
  });
  const wrong = spam.voted(27, 'fp-', 13, 'Sol');
  const right = spam.voted(35, 'tp-', 13, 'Sol');

  return [
    { caption: 'A report just came', events: spam.begins, brings: ['ketobloomofficial', 'weight 188'] },
    {
      caption: 'Autoflagged by two accounts, confirmed by two people',
      events: [spam.flag(4), spam.flag(4), ...spam.voted(12, 'tpu-', 11, 'Ann'), ...spam.voted(19, 'tp-', 12, 'Wren')],
      brings: ['tpu (Ann)', 'tp (Wren)'],
    },
    { caption: 'A third one does not agree', events: wrong, brings: ['Sol'] },
    {
      caption: 'They agree, and it is deleted: nothing left to do',
      events: [...right, ...wrong.slice(0, 1).map(spam.gone), ...spam.deleted(41)],
      brings: ['deleted 41 s'],
    },
    {
      caption: 'Another post, autoflagged and a false positive',
      events: [
        ...question.begins,
        question.flag(5),
        ...question.voted(31, 'fp-', 12, 'Wren'),
        ...question.voted(44, 'fp-', 11, 'Ann'),
      ],
      brings: ['Wren, Ann', 'weight 91'],
    },
  ];
}
