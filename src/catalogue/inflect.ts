/**
 * The few rules of Rails' inflector that the class and table names of the API depend on.
 * https://api.rubyonrails.org/classes/ActiveSupport/Inflector.html
 */

/** `FlagLog` → `flag_log`, `APIKey` → `api_key`, `Admin::Note` → `admin_note`. */
export function underscore(className: string): string {
  return className
    .replaceAll('::', '_')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** `flag_log` → `flag_logs`, `abuse_report_status` → `abuse_report_statuses`, `category` → `categories`. */
export function pluralize(singular: string): string {
  if (/[^aeiou]y$/.test(singular)) return singular.replace(/y$/, 'ies');
  if (/(s|x|z|ch|sh)$/.test(singular)) return `${singular}es`;
  return `${singular}s`;
}

/** Reverses `pluralize`: `abuse_report_statuses` → `abuse_report_status`; a word without a plural ending stays. */
export function singularize(plural: string): string {
  if (/ies$/.test(plural)) return plural.replace(/ies$/, 'y');
  if (/(ss|x|z|ch|sh|us)es$/.test(plural)) return plural.replace(/es$/, '');
  if (/[^su]s$/.test(plural)) return plural.replace(/s$/, '');
  return plural;
}

/** `flag_log` → `FlagLog`. */
export function camelize(singular: string): string {
  return singular.replace(/(?:^|_)([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}
