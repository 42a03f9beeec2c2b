/** `npm run pages`: writes the parts of README, CONTRIBUTING and docs that are made from code or data. */
import { writePages } from './generated.ts';

writePages();
