package org.gpt2j.hub;

/** Hears of a download as it goes on, on the thread that downloads. */
public interface DownloadListener {
  /** A listener that says nothing. */
  DownloadListener NONE =
      new DownloadListener() {
        @Override
        public void note(String sentence) {}

        @Override
        public void progress(String file, long done, long total) {}
      };

  /** Something to tell the user: what is downloaded and from where, or why it has to wait. */
  void note(String sentence);

  /**
   * Bytes of a file are there.
   *
   * @param done bytes so far: at first those that an earlier download left, at last {@code total};
   *     fewer than before where a file has to start over
   * @param total bytes of the file
   */
  void progress(String file, long done, long total);
}
