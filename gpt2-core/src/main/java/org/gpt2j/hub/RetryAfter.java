package org.gpt2j.hub;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long a server asks to wait. */
final class RetryAfter {
  private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");

  /** The hub's own header: `"api";r=0;t=55`, r being what is left, t seconds until it is more. */
  private static final Pattern RATE_LIMIT = Pattern.compile(".*;\\s*r=0\\s*;\\s*t=(\\d{1,9}).*");

  private RetryAfter() {}

  /**
   * The header Retry-After (RFC 9110, 10.2.3: seconds or a date), else RateLimit; null where there
   * is neither.
   */
  static Duration of(HttpHeaders headers, Instant now) {
    String text = headers.firstValue("Retry-After").orElse("").strip();
    if (SECONDS.matcher(text).matches()) {
      return Duration.ofSeconds(Long.parseLong(text));
    }
    try {
      Instant date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(now, date);
      return wait.isNegative()
          ? Duration.ZERO
          : wait.plusSeconds(1).truncatedTo(ChronoUnit.SECONDS);
    } catch (DateTimeParseException e) {
      Matcher limit = RATE_LIMIT.matcher(headers.firstValue("RateLimit").orElse(""));
      return limit.matches() ? Duration.ofSeconds(Long.parseLong(limit.group(1))) : null;
    }
  }
}
