package org.gpt2j.benchmarks.compare;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.gpt2j.nn.Backend;
import org.gpt2j.tokenizer.Gpt2Tokenizer;

/**
 * {@code Compare JOB INPUTS}: sets the job up, then answers each line of standard input with a line
 * of JSON, and computes nothing in between:
 *
 * <ul>
 *   <li>{@code items}: number of items of the job
 *   <li>{@code check}: numbers that the other side must get too
 *   <li>{@code run N}: seconds of each of the first N items
 *   <li>{@code sgemm}: rates of the BLAS, in operations a second
 *   <li>{@code memory}: peak resident memory of this process so far, in bytes
 *   <li>{@code describe}: what computes
 * </ul>
 */
public final class Compare {
  private final Job job;
  private Sgemm sgemm;

  Compare(Job job) {
    this.job = job;
  }

  /** Answers until standard input ends. */
  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      throw new IllegalArgumentException(
          "Compare: expected JOB and INPUTS, found " + args.length + " arguments");
    }
    Compare compare = new Compare(job(args[0], new Inputs(Path.of(args[1]))));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(new JsonMapper().writeValueAsString(compare.answer(line.split(" "))));
    }
  }

  static Job job(String name, Inputs inputs) throws IOException {
    return switch (name) {
      case "lora-random" -> new LoraJob(inputs, "random");
      case "lora-grouped" -> new LoraJob(inputs, "grouped");
      case "full-step" -> new FullStepJob(inputs);
      case "decode" -> new DecodeJob(inputs, false);
      case "decode-int8" -> new DecodeJob(inputs, true);
      case "classify-one" -> new ClassifyJob(inputs, name, false, false);
      case "classify-one-int8" -> new ClassifyJob(inputs, "classify-one", false, true);
      case "classify-many" -> new ClassifyJob(inputs, name, true, false);
      case "classify-many-int8" -> new ClassifyJob(inputs, "classify-many", true, true);
      case "encode-prose", "encode-sms" -> {
        Gpt2Tokenizer tokenizer = Gpt2Tokenizer.fromPretrained(inputs.model());
        yield new EncodeJob(texts(name, inputs), text -> tokenizer.encode(text).length);
      }
      case "jtokkit-prose", "jtokkit-sms" -> {
        Encoding encoding = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
        yield new EncodeJob(texts(name, inputs), text -> encoding.encodeOrdinary(text).size());
      }
      default -> throw new IllegalArgumentException("job: unknown name " + name);
    };
  }

  private static List<String> texts(String job, Inputs inputs) throws IOException {
    return inputs.texts(job.substring(job.indexOf('-') + 1));
  }

  Map<String, Object> answer(String... command) throws IOException {
    return switch (command[0]) {
      case "items" -> Map.of("items", job.items());
      case "check" -> Map.of("check", job.check());
      case "run" -> Map.of("seconds", run(Integer.parseInt(command[1])));
      case "sgemm" -> Map.of("rates", sgemm().rates());
      case "memory" -> Map.of("bytes", peakBytes());
      case "describe" ->
          Map.of("java", System.getProperty("java.vm.version"), "backend", Backend.describe());
      default -> throw new IllegalArgumentException("unknown command " + command[0]);
    };
  }

  private double[] run(int items) {
    double[] seconds = new double[items];
    for (int i = 0; i < items; i++) {
      long start = System.nanoTime();
      job.run(i);
      seconds[i] = (System.nanoTime() - start) / 1e9;
    }
    return seconds;
  }

  private Sgemm sgemm() {
    if (sgemm == null) {
      sgemm = new Sgemm();
    }
    return sgemm;
  }

  /** Linux's VmHWM. */
  private static long peakBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    throw new IOException("/proc/self/status: expected a line VmHWM, found none");
  }
}
