package org.gpt2j.model;

/** How a model holds its weights for inference. */
public enum WeightType {
  /** As 32-bit floats. */
  F32,
  /** Rounded to 8 bits: see {@link Gpt2PreTrainedModel#toInt8}. */
  INT8
}
