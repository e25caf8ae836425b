"""Rule, fault and reaction of each mistake, held together by playing a device's life."""
