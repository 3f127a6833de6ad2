package org.gpt2j.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.gpt2j.nn.Backend;
import org.gpt2j.nn.Kernels;
import org.gpt2j.nn.Parameter;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * AdamW (Loshchilov and Hutter 2019) with the arithmetic of torch.optim.AdamW and the decay groups
 * of transformers' Trainer: layer norms and biases are not decayed.
 */
public final class AdamW implements Optimizer {
  /** Trainer.get_decay_parameter_names. */
  private static final Pattern NOT_DECAYED =
      Pattern.compile("bias|layernorm|rmsnorm|(?:^|\\.)norm(?:$|\\.)|_norm(?:$|\\.)");

  private record Slot(Parameter parameter, double weightDecay, INDArray m, INDArray v) {}

  private final List<Slot> slots = new ArrayList<>();
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private long step;

  /**
   * @param parameters what to train, each with its gradient
   * @param weightDecay decoupled decay of the parameters that are decayed
   */
  public AdamW(
      List<Parameter> parameters, double weightDecay, double beta1, double beta2, double epsilon) {
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    for (Parameter p : parameters) {
      INDArray value = p.value();
      slots.add(
          new Slot(
              p,
              isDecayed(p) ? weightDecay : 0,
              Nd4j.zeros(value.dataType(), value.shape()),
              Nd4j.zeros(value.dataType(), value.shape())));
    }
  }

  /** Whether weight decay applies to a parameter. */
  public static boolean isDecayed(Parameter p) {
    return !p.isLayerNorm() && !NOT_DECAYED.matcher(p.name().toLowerCase(Locale.ROOT)).find();
  }

  @Override
  public double gradientNorm() {
    double sum = 0;
    for (Slot s : slots) {
      sum += kernels(s).sumOfSquares(s.parameter.gradient());
    }
    return Math.sqrt(sum);
  }

  @Override
  public void step(double learningRate, double gradScale) {
    step++;
    for (Slot s : slots) {
      kernels(s)
          .adamW(
              s.parameter.value(),
              s.parameter.gradient(),
              s.m,
              s.v,
              gradScale,
              learningRate,
              beta1,
              beta2,
              epsilon,
              s.weightDecay,
              step);
    }
  }

  @Override
  public long steps() {
    return step;
  }

  @Override
  public void setSteps(long steps) {
    step = steps;
  }

  /** The moments by torch's names: `NAME.exp_avg` and `NAME.exp_avg_sq`. */
  @Override
  public Map<String, INDArray> stateDict() {
    Map<String, INDArray> state = new LinkedHashMap<>();
    for (Slot s : slots) {
      state.put(s.parameter.name() + ".exp_avg", s.m);
      state.put(s.parameter.name() + ".exp_avg_sq", s.v);
    }
    return state;
  }

  private static Kernels kernels(Slot s) {
    return Backend.kernels(s.m.dataType());
  }

  /** The factor that torch.nn.utils.clip_grad_norm_ applies: min(1, max / (norm + 1e-6)). */
  public static double clipFactor(double norm, double maxGradNorm) {
    return maxGradNorm > 0 ? Math.min(1, maxGradNorm / (norm + 1e-6)) : 1;
  }
}
