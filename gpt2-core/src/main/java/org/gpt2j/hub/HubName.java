package org.gpt2j.hub;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A model of the hub.
 *
 * @param repo `gpt2` or `org/name`, as huggingface_hub's validate_repo_id allows it
 * @param revision a branch, a tag or a commit
 */
record HubName(String repo, String revision) {
  static final String DEFAULT_REVISION = "main";

  private static final String PART = "\\w(?:[\\w.-]*\\w)?";
  private static final Pattern REPO = Pattern.compile("(?:" + PART + "/)?" + PART);
  private static final int REPO_LENGTH = 96;

  /** Narrower than git's rule for names: what is a plain path on every system. */
  private static final Pattern REVISION = Pattern.compile("\\w[\\w.+-]*(?:/\\w[\\w.+-]*)*");

  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  /** Parses `name`, `org/name` or `org/name@revision`. */
  static Optional<HubName> parse(String text) {
    int at = text.indexOf('@');
    String repo = at < 0 ? text : text.substring(0, at);
    String revision = at < 0 ? DEFAULT_REVISION : text.substring(at + 1);
    boolean possible =
        repo.length() <= REPO_LENGTH
            && REPO.matcher(repo).matches()
            && !repo.contains("--")
            && !repo.contains("..")
            && !repo.endsWith(".git")
            && REVISION.matcher(revision).matches()
            && !revision.contains("..");
    return possible ? Optional.of(new HubName(repo, revision)) : Optional.empty();
  }

  static boolean isCommit(String revision) {
    return COMMIT.matcher(revision).matches();
  }

  boolean namesCommit() {
    return isCommit(revision);
  }

  /** The model's directory in the cache. */
  String folder() {
    return "models--" + repo.replace("/", "--");
  }

  /** As the user writes it. */
  @Override
  public String toString() {
    return revision.equals(DEFAULT_REVISION) ? repo : repo + "@" + revision;
  }
}
