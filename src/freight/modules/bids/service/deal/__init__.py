"""The deal between a shipper and a carrier: award, acceptance, and each end before the delivery."""
