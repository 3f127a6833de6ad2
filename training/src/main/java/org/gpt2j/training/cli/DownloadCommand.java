package org.gpt2j.training.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.gpt2j.hub.Hub;
import org.gpt2j.training.data.SmsSpamArchive;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code download}: brings models into the Hugging Face cache, and the UCI collection here. */
@Command(
    name = "download",
    mixinStandardHelpOptions = true,
    description =
        "Download models of the hub into the Hugging Face cache (HF_HOME, HF_TOKEN, HF_ENDPOINT and"
            + " their like are heeded), or the UCI SMS Spam Collection. Prints where each is. What is"
            + " there already is not downloaded again; what was interrupted goes on.")
public final class DownloadCommand implements Callable<Integer> {
  private static final String SMS_SPAM = "sms-spam";

  @Parameters(
      paramLabel = "NAME",
      arity = "1..*",
      description = "gpt2, org/name, org/name@revision, or " + SMS_SPAM + ".")
  private List<String> names;

  @Option(
      names = "--dataset",
      paramLabel = "DIR",
      defaultValue = "dataset",
      description = "Where " + SMS_SPAM + " goes; made if need be (default: ${DEFAULT-VALUE}).")
  private Path dataset;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Hub hub = Main.hub(spec);
    PrintWriter out = spec.commandLine().getOut();
    for (String name : names) {
      out.println(name.equals(SMS_SPAM) ? smsSpam(hub) : hub.download(name));
      out.flush();
    }
    return 0;
  }

  private Path smsSpam(Hub hub) throws IOException {
    if (hub.offline() != null) {
      throw new FileNotFoundException(
          SMS_SPAM + ": " + hub.offline() + " keeps it from being downloaded");
    }
    return new SmsSpamArchive().download(dataset, Program.downloadBar(spec));
  }
}
